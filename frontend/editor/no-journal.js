/** For browsers that refuse IndexedDB: saves still go out, and closing early is warned about. */
export class NoJournal {
  constructor() {
    this.failed = true;
    this.last = 0;
  }
  async append() {}
  async settled() {}
  async sending() {}
  async acknowledged() {}
  async adopt() {
    return {};
  }
  async othersLeft() {
    return [];
  }
  async sweepUndo() {}
  shelf() {
    return {
      put: () => Promise.reject(new Error("no disk")),
      take: () => Promise.reject(new Error("no disk")),
    };
  }
}
