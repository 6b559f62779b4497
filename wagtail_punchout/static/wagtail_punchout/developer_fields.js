/* Secrets behind their masks, the password they ask for, and identities checked while they are typed. */

(function () {
  const { Controller } = window.StimulusModule;
  const { app } = window.wagtail;

  function send(url, body) {
    const config = JSON.parse(document.getElementById('wagtail-config').textContent);
    const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
    headers[config.CSRF_HEADER_NAME] = config.CSRF_TOKEN;
    return fetch(url, { method: 'POST', headers, body, credentials: 'same-origin', cache: 'no-store' });
  }

  /* Fetches a secret when it is asked for, and forgets it after a while. */
  class SecretController extends Controller {
    static targets = ['value', 'toggle', 'label', 'copy', 'status'];

    static values = { url: String, mask: String, shown: String, hidden: String, failed: String };

    connect() {
      if (this.hasToggleTarget) this.toggleTarget.setAttribute('role', 'button');
      if (this.hasCopyTarget) this.copyTarget.hidden = false;
      if (this.hasLabelTarget) this.revealLabel = this.labelTarget.textContent;
      this.masked = this.valueTarget.innerHTML;
      this.conceal = this.conceal.bind(this);
      this.goOn = this.goOn.bind(this);
      window.addEventListener('pagehide', this.conceal);
      document.addEventListener('punchout-password:entered', this.goOn);
    }

    disconnect() {
      this.conceal();
      window.removeEventListener('pagehide', this.conceal);
      document.removeEventListener('punchout-password:entered', this.goOn);
    }

    toggle() {
      if (this.isShown) {
        this.conceal();
        this.say(this.hiddenValue);
      } else {
        this.fetchThen((secret, seconds) => this.show(secret, seconds));
      }
    }

    copy() {
      this.tell('copy');
      if (this.isShown) {
        this.write(this.valueTarget.textContent);
      } else {
        this.fetchThen((secret, seconds) => this.write(secret, seconds));
      }
    }

    async fetchThen(next) {
      this.say('');
      let answer;
      let data;
      try {
        answer = await send(this.urlValue);
        data = await answer.json();
      } catch (error) {
        this.say(this.failedValue);
        return;
      }
      if (answer.status === 401 && data.needs === 'password') {
        this.pending = next;
        document.getElementById('punchout-password').dispatchEvent(new CustomEvent('w-dialog:show'));
      } else if (answer.ok) {
        next(data.secret, data.seconds);
      } else {
        this.say(data.error || this.failedValue);
      }
    }

    goOn() {
      const next = this.pending;
      this.pending = null;
      if (next) this.fetchThen(next);
    }

    show(secret, seconds) {
      this.isShown = true;
      this.valueTarget.textContent = secret;
      this.labelTarget.textContent = this.labelTarget.dataset.hide;
      this.say(this.shownValue.replace('%s', seconds));
      this.timer = setTimeout(() => {
        this.conceal();
        this.say(this.hiddenValue);
      }, seconds * 1000);
    }

    conceal() {
      clearTimeout(this.timer);
      if (!this.isShown) return;
      this.isShown = false;
      this.valueTarget.innerHTML = this.masked;
      this.labelTarget.textContent = this.revealLabel;
    }

    /* Where the browser gives no access to its clipboard, the secret is shown to be copied by hand. */
    async write(secret, seconds) {
      try {
        await navigator.clipboard.writeText(secret);
        this.tell('copied', { clear: true, type: 'success' });
      } catch (error) {
        if (seconds) this.show(secret, seconds);
        this.tell('error', { clear: true, type: 'error' });
      }
    }

    /* The page listens to Wagtail's own clipboard already. */
    tell(what, detail) {
      this.element.dispatchEvent(new CustomEvent(`w-clipboard:${what}`, { bubbles: true, detail }));
    }

    say(text) {
      this.statusTarget.textContent = text;
    }
  }

  /* The question for the password, in a dialog; whoever asked goes on when it is right. */
  class PasswordController extends Controller {
    static targets = ['field', 'error'];

    async submit() {
      if (!this.hasFieldTarget) return;
      const body = new FormData();
      body.append('password', this.fieldTarget.value);
      this.fieldTarget.value = '';
      const answer = await send(this.element.action, body);
      if (answer.ok) {
        this.errorTarget.textContent = '';
        this.fieldTarget.removeAttribute('aria-invalid');
        this.element.closest('.w-dialog').dispatchEvent(new CustomEvent('w-dialog:hide'));
        document.dispatchEvent(new CustomEvent('punchout-password:entered'));
      } else {
        const complaint = await answer.json().catch(() => ({}));
        this.errorTarget.textContent = complaint.error || answer.statusText;
        this.fieldTarget.setAttribute('aria-invalid', 'true');
        this.fieldTarget.focus();
      }
    }
  }

  /* Sends an identity to be looked at shortly after the last key. The server has the last word when it is saved. */
  class IdentityController extends Controller {
    static values = { url: String, kind: String };

    connect() {
      this.checked = this.element.value;
      this.note = document.createElement('p');
      this.note.className = 'punchout-note';
      this.note.id = `${this.element.id}-note`;
      this.note.setAttribute('role', 'status');
      (this.element.closest('[data-field-input]') || this.element).after(this.note);
      const described = this.element.getAttribute('aria-describedby');
      this.element.setAttribute('aria-describedby', `${described || ''} ${this.note.id}`.trim());
    }

    disconnect() {
      clearTimeout(this.timer);
      this.note.remove();
    }

    look() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 300);
    }

    async ask() {
      const text = this.element.value;
      if (text === this.checked) return;
      this.checked = text;
      const url = new URL(this.urlValue, window.location.href);
      url.searchParams.set('field', this.kindValue);
      url.searchParams.set('text', text);
      const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
      const answer = await fetch(url, { headers, credentials: 'same-origin' }).catch(() => null);
      if (!answer || !answer.ok || text !== this.element.value) return;
      const { error, advice } = await answer.json();
      this.note.textContent = error || advice;
      this.note.classList.toggle('punchout-note--wrong', Boolean(error));
      if (error) this.element.setAttribute('aria-invalid', 'true');
      else this.element.removeAttribute('aria-invalid');
    }
  }

  /* Links on the page to one of its tabs: Wagtail opens a tab inside another one only when the page is loaded. */
  window.addEventListener('hashchange', () => {
    let panel = document.getElementById(window.location.hash.slice(1));
    while (panel && panel.matches('[role="tabpanel"]')) {
      panel.dispatchEvent(new CustomEvent('w-focus:focus'));
      panel = panel.parentElement.closest('[role="tabpanel"]');
    }
  });

  app.register('punchout-secret', SecretController);
  app.register('punchout-password', PasswordController);
  app.register('punchout-identity', IdentityController);
})();
