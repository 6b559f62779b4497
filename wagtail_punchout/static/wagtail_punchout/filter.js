// A list with a search box above it: what does not hold every word is hidden while typing. What is ticked stays in sight.
const fold = (text) => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();

class FilterController extends window.StimulusModule.Controller {
  static targets = ['input', 'item', 'count'];

  filter() {
    const words = fold(this.inputTarget.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    this.itemTargets.forEach((item) => {
      const text = fold(item.textContent);
      const isTicked = item.querySelector('input:checked') !== null;
      item.hidden = !isTicked && !words.every((word) => text.includes(word));
      shown += item.hidden ? 0 : 1;
    });
    this.countTarget.textContent = shown;
  }

  // Enter in the search box is no decision yet.
  stay(event) {
    event.preventDefault();
  }
}
window.wagtail.app.register('punchout-filter', FilterController);
