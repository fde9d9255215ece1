/** The time that emulated devices live in: the machine's own, or one that a test moves by hand. */

/** A callback that is due. */
export interface Alarm {
  readonly due: number;
}

export interface Clock {
  /** Milliseconds since the clock began. */
  now(): number;
  set(callback: () => void, due: number): Alarm;
  clear(alarm: Alarm): void;
  /** Told of everything that devices do with the outside, so that a virtual clock waits for what follows. */
  touch(): void;
  /** Keeps a virtual clock from moving until the returned function is first called: something blocks the device. */
  hold(): () => void;
}

interface RealAlarm extends Alarm {
  handle: NodeJS.Timeout;
}

/** The machine's time. */
export class RealClock implements Clock {
  private readonly start = performance.now();

  now(): number {
    return performance.now() - this.start;
  }

  set(callback: () => void, due: number): Alarm {
    const handle = setTimeout(callback, Math.max(0, due - this.now()));
    return { due, handle } as RealAlarm;
  }

  clear(alarm: Alarm): void {
    clearTimeout((alarm as RealAlarm).handle);
  }

  touch(): void {}

  hold(): () => void {
    return () => {};
  }
}

interface VirtualAlarm extends Alarm {
  order: number;
  callback: () => void;
}

/** Rounds of the event loop without a sign of life after which the sockets count as settled. */
const QUIET_ROUNDS = 24;

/** A clock that stands still until a test moves it. Many devices may share one. */
export class VirtualClock implements Clock {
  private time = 0;
  private order = 0;
  private alarms: VirtualAlarm[] = [];
  private touched = false;
  private holds = 0;

  now(): number {
    return this.time;
  }

  set(callback: () => void, due: number): Alarm {
    const alarm: VirtualAlarm = { due, order: this.order++, callback };
    let at = this.alarms.length;
    while (at > 0 && this.alarms[at - 1].due > due) at--;
    this.alarms.splice(at, 0, alarm);
    return alarm;
  }

  clear(alarm: Alarm): void {
    const at = this.alarms.indexOf(alarm as VirtualAlarm);
    if (at >= 0) this.alarms.splice(at, 1);
  }

  touch(): void {
    this.touched = true;
  }

  hold(): () => void {
    let held = true;
    this.holds++;
    return () => {
      if (held) this.holds--;
      held = false;
      this.touch();
    };
  }

  /** Lets real socket traffic go on until nobody has anything more to say. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_ROUNDS || this.holds > 0; quiet++) {
      if (this.touched) quiet = 0;
      this.touched = false;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves time on by `milliseconds`: fires what falls due, in order, and lets sockets settle in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await this.settle();
    while (this.alarms.length && this.alarms[0].due <= end) {
      const alarm = this.alarms.shift()!;
      this.time = Math.max(this.time, alarm.due);
      alarm.callback();
      await this.settle();
    }
    this.time = end;
  }
}
