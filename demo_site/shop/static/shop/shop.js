// The shop works without this file; it only saves a page load here and there.

document.documentElement.classList.add("scripted");

// An answer brings the whole cart anew. Whoever was on one of its buttons, or was just pressing it, is so on its successor.
const isQuiet = () => document.getElementById("messages").childElementCount === 0;
const successor = (button) => document.querySelector(`#cart form[action="${button.form.getAttribute("action")}"] button`);
let focused = null;
let pressed = null;
document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement.closest("#cart button");
  const button = document.querySelector("#cart button:active");
  if (button) pressed = { button, place: button.getBoundingClientRect() };
});

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body) return;
  const next = (focused && successor(focused)) ?? document.getElementById("cart"); // not the top of the page
  next?.focus({ preventScroll: true });
});

function letGo(event, isOnIt) {
  if (pressed && !pressed.button.isConnected) {
    event.preventDefault(); // a key that repeats itself has pressed the successor, too
    if (isOnIt(pressed.place) && isQuiet()) successor(pressed.button)?.form.requestSubmit();
  }
  pressed = null;
}
document.addEventListener("mousedown", () => (pressed = null));
document.addEventListener("mouseup", (event) => {
  const { clientX: x, clientY: y } = event;
  letGo(event, (place) => place.left <= x && x <= place.right && place.top <= y && y <= place.bottom);
});
document.addEventListener("keyup", (event) => event.key === " " && letGo(event, () => true));

// Whatever the server has to say instead of a fragment (signed out, visit over), it says it on a whole page.
document.addEventListener("htmx:responseError", () => window.location.reload());

// What was typed a moment ago may still be on its way: the cart leaves the shop after it, unless the shop has something to
// say about it. Otherwise whichever came first would win, and the buyer might get the quantity of before.
let leaving = null;
const inFlight = () => document.querySelector("#cart .htmx-request");
const typed = () => [...document.querySelectorAll("#cart input.quantity")].filter((each) => each.value !== each.defaultValue);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#cart form:not([hx-post])") || !(inFlight() || typed().length)) return;
  event.preventDefault();
  leaving = event.target.getAttribute("action");
  if (!inFlight()) typed()[0].form.requestSubmit();
});

document.addEventListener("htmx:sendError", () => (leaving = null));

// An answer brings the whole cart anew: what was typed into it since its question is put back, and sent next.
let unsent = [];
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig } }) => {
  const wasSent = (each) => each.form === requestConfig.elt && each.value === requestConfig.parameters.quantity;
  unsent = typed().filter((each) => !wasSent(each)).map((each) => [each.id, each.value]);
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, value] of unsent.splice(0)) {
    const input = document.getElementById(id);
    if (input) input.value = value;
  }
  if (inFlight()) return;
  const next = typed().find((each) => leaving !== null || each !== document.activeElement); // nobody types in it any more
  if (next) return next.form.requestSubmit();
  const form = document.querySelector(`#cart form[action="${leaving}"]`);
  leaving = null;
  if (isQuiet()) form?.requestSubmit();
});

// For the browser, what was put back was not typed: it would not call it a change when the field is left.
document.addEventListener("focusout", ({ target }) => {
  if (typed().includes(target)) target.dispatchEvent(new Event("change", { bubbles: true }));
});
