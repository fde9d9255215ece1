/** Why a program cannot be hoisted, and where. */

import type { Finding } from "../../gate/types.js";
import type { Node } from "../../tree.js";

export class HoistError extends Error {
  private more: HoistError[] = [];

  constructor(
    private readonly place: Node,
    message: string,
  ) {
    super(message);
  }

  /** Adds others of the same program. */
  with(more: HoistError[]): this {
    this.more = more;
    return this;
  }

  /** This one and the others, as the gate reports. */
  get findings(): Finding[] {
    const { line, column } = this.place.loc?.start ?? { line: 1, column: 0 };
    const own = { rule: "once", message: this.message, line, column: column + 1 };
    return [own, ...this.more.flatMap(({ findings }) => findings)];
  }
}
