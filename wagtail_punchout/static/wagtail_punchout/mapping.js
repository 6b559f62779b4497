// Rows of a mapping: suggestions for what is being typed, and shortly after the last key what can never work. The
// server has the last word, now and when the form is saved.
class MappingController extends window.StimulusModule.Controller {
  static targets = ['status'];

  static values = { url: String, right: String };

  connect() {
    this.form = this.element.closest('form');
    this.touched = new WeakSet();
    this.checkSoon = this.checkSoon.bind(this);
    this.form.addEventListener('change', this.checkSoon);
    // Rows that are moved, added or taken out change what the others mean; Wagtail tells nobody about it.
    this.rows = new MutationObserver(this.checkSoon);
    this.rows.observe(this.element.querySelector('[id$="-FORMS"]'), { childList: true });
    this.element.addEventListener('click', this.checkSoon);
    this.format = () => this.form.elements.format.value;
  }

  disconnect() {
    clearTimeout(this.timer);
    this.rows.disconnect();
    this.form.removeEventListener('change', this.checkSoon);
    this.element.removeEventListener('click', this.checkSoon);
  }

  type({ target }) {
    this.touched.add(target);
    this.suggest({ target });
    this.checkSoon();
  }

  // What stands before the word that is being written is part of each suggestion, for browsers replace all of it.
  suggest({ target: input }) {
    const [source, before] = this.asked(input);
    const list = document.getElementById('punchout-suggested');
    const options = source ? [...document.getElementById(`punchout-${source}`).options] : [];
    list.replaceChildren(
      ...options.map(({ value, label }) => Object.assign(document.createElement('option'), { value: before + value, label })),
    );
    input.setAttribute('list', list.id);
  }

  asked(input) {
    const text = input.value;
    const upTo = (pattern) => (text.match(pattern) || [''])[0];
    switch (input.dataset.part) {
      case 'target':
        return [`targets-${this.format()}`, ''];
      case 'transforms':
        return ['transforms', upTo(/^.*\|\s*/)];
      case 'only_when':
        return ['facts', upTo(/^(.*\band\s+)?(not\s+)?/i)];
      default:
        return this.content(input, text);
    }
  }

  content(input, text) {
    const kind = this.form.elements[input.name.replace(/source$/, 'kind')].value;
    if (kind === 'field') return ['facts', ''];
    const place = kind === 'template' && text.match(/^(.*\{\{\s*)([^{}]*)$/);
    if (!place) return [null, ''];
    const chain = place[2].match(/^.*\|\s*/);
    return chain ? ['transforms', place[1] + chain[0]] : ['facts', place[1]];
  }

  checkSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), 400);
  }

  async check() {
    const body = new FormData();
    body.append('format', this.format());
    const fields = [...this.form.elements].filter(({ name }) => name.startsWith('mapping_rows-'));
    fields.forEach((field) => {
      if (field.type !== 'checkbox' || field.checked) body.append(field.name, field.value);
    });
    body.set('mapping_rows-INITIAL_FORMS', 0); // so that no row needs to be in the database
    const config = JSON.parse(document.getElementById('wagtail-config').textContent);
    const headers = { 'X-Requested-With': 'XMLHttpRequest', [config.CSRF_HEADER_NAME]: config.CSRF_TOKEN };
    this.latest = body;
    const answer = await fetch(this.urlValue, { method: 'POST', headers, body }).catch(() => null);
    if (!answer || !answer.ok || this.latest !== body) return;
    const { wrong } = await answer.json();
    this.show(fields.filter(({ dataset }) => dataset.part), wrong);
  }

  show(inputs, wrong) {
    const told = [];
    inputs.forEach((input) => {
      // A row that has just been added is empty, which its editor knows.
      const isBegun = input.value || this.touched.has(input) || input.getAttribute('aria-invalid');
      const text = isBegun ? wrong[input.name] || '' : '';
      this.tell(input, text);
      if (text) told.push(text);
    });
    const status = told.join(' ') || (Object.keys(wrong).length ? '' : this.rightValue);
    if (this.statusTarget.textContent !== status) this.statusTarget.textContent = status;
  }

  // The place of the message is that of the server's own, which it replaces.
  tell(input, text) {
    const id = `${input.id}-problem`;
    const field = input.closest('[data-field]');
    field.querySelector('[data-field-errors]').replaceChildren();
    let note = document.getElementById(id);
    if (!note) {
      note = Object.assign(document.createElement('p'), { id, className: 'punchout-note punchout-note--wrong' });
      (input.closest('[data-field-input]') || input).after(note);
      const described = input.getAttribute('aria-describedby') || '';
      input.setAttribute('aria-describedby', `${described} ${id}`.trim());
    }
    note.textContent = text;
    if (text) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }
}
window.wagtail.app.register('punchout-mapping', MappingController);
