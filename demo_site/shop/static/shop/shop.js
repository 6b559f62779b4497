// The shop works without this file; it only saves a page load here and there.

document.documentElement.classList.add("scripted");

// When the line that had the focus is gone, the focus goes to the cart, not to the top of the page.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.getElementById("cart")?.focus({ preventScroll: true });
});

// Whatever the server has to say instead of a fragment (signed out, visit over), it says it on a whole page.
document.addEventListener("htmx:responseError", () => window.location.reload());
