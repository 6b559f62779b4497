// After a rule was dragged its row is in its new place, and so are the rows it has passed: the positions on the page
// stay the same numbers, in order. Wagtail's own script says when it is done.
class RenumberController extends window.StimulusModule.Controller {
  renumber() {
    const cells = [...this.element.querySelectorAll('tbody .punchout-position')];
    const numbers = cells.map((cell) => Number(cell.textContent)).sort((a, b) => a - b);
    cells.forEach((cell, index) => {
      cell.textContent = numbers[index];
    });
  }
}
window.wagtail.app.register('punchout-renumber', RenumberController);
