// The shop works without this file; it only saves a page load here and there.

document.documentElement.classList.add("scripted");

// When the line that had the focus is gone, the focus goes to the cart, not to the top of the page.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.getElementById("cart")?.focus({ preventScroll: true });
});

// Whatever the server has to say instead of a fragment (signed out, visit over), it says it on a whole page.
document.addEventListener("htmx:responseError", () => window.location.reload());

// What was typed a moment ago may still be on its way: the cart leaves the shop after it, unless the shop has something to
// say about it. Otherwise whichever came first would win, and the buyer might get the quantity of before.
let leaving = null;
const inFlight = () => document.querySelector("#cart .htmx-request");
const typed = () => [...document.querySelectorAll("#cart input.quantity")].find((each) => each.value !== each.defaultValue);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#cart form:not([hx-post])") || !(inFlight() || typed())) return;
  event.preventDefault();
  leaving = event.target.getAttribute("action");
  if (!inFlight()) typed().form.requestSubmit();
});

document.addEventListener("htmx:sendError", () => (leaving = null));
document.addEventListener("htmx:afterSettle", () => {
  if (leaving === null || inFlight()) return;
  const form = document.querySelector(`#cart form[action="${leaving}"]`);
  leaving = null;
  if (document.getElementById("messages").childElementCount === 0) form?.requestSubmit();
});
