// Calls the shop up without a click. Not a second time when somebody comes back with the back button.
const [navigation] = performance.getEntriesByType("navigation");
if (navigation?.type !== "back_forward") document.querySelector("form").submit();
