// The cart has arrived inside a frame, past it, or in a second window: show the requisition where the user started.
const { home, window: opened } = document.body.dataset;

if (opened === "frame") {
  window.top.location.replace(home);
} else if (opened === "new" && window.opener && !window.opener.closed) {
  try {
    window.opener.location.assign(home);
    document.querySelector("[data-moved]").hidden = false;
    const close = document.querySelector("[data-close]");
    close.hidden = false;
    close.addEventListener("click", () => window.close());
  } catch {
    // The first window has gone elsewhere; the link on this page leads on.
  }
}
