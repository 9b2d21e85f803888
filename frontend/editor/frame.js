/** Draws at most once per screen refresh, and only when something changed. */

export class Frame {
  /** @param {() => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.asked = false;
    this.run = () => {
      this.asked = false;
      this.draw();
    };
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(this.run);
  }
}
