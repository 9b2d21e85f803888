/**
 * Changes of many choices at once; one click takes each back.
 */
import { $ } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { openMenu } from "../lib/menu.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {import("./project-model-state.js").MapState} MapState */

export class Bulk {
  /**
   * @param {Label[]} labels the project's
   * @param {() => MapState | undefined} current the map that is shown
   * @param {() => void} onChange
   */
  constructor(labels, current, onChange) {
    this.labels = labels;
    this.current = current;
    this.onChange = onChange;
    $("#unmapped").addEventListener("click", () => this.openMenu());
    $("#automatic").addEventListener("click", () =>
      this.change("Every label goes by its name again.", (map) => map.choices.clear()),
    );
  }

  /** Offers the project's labels to whatever leads nowhere. */
  openMenu() {
    const left = this.current()?.unmapped() ?? [];
    if (this.labels.length === 0) {
      toast("This project has no labels yet. Add some first.");
    } else if (left.length === 0) {
      toast("No label is unmapped: each leads somewhere, or is void by choice.");
    } else {
      openMenu(
        $("#unmapped"),
        this.labels.map(({ index, name }) => ({
          label: name,
          run: () =>
            this.change(`${plural(left.length, "label")} set to ${name}.`, (map) => {
              for (const entry of left) map.choose(entry.name, index);
            }),
        })),
      );
    }
  }

  /**
   * @param {string} text
   * @param {(map: MapState) => void} change
   */
  change(text, change) {
    const map = this.current();
    if (!map) return;
    const before = new Map(map.choices);
    change(map);
    this.onChange();
    const undo = () => {
      map.choices = before;
      this.onChange();
    };
    toast(text, { action: { label: "Undo", run: undo } });
  }
}
