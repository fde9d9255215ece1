/** Where frames end in bytes that may be damaged: each is asked for in one step, however long it claims to be. */

/** AA AA, length, checksum, package id, command. */
const HEAD = 9;
const [AA, STUFFED] = [0xaa, 0x55];

export interface Extent {
  /** Bytes as the frame travels, with what is stuffed. */
  size: number;
  /** Whether all of them are there. */
  whole: boolean;
  /** Whether the checksum is right. */
  sound: boolean;
}

export class Stuffing {
  /** The place of each byte that is not stuffed. */
  private readonly places: Uint32Array;
  /** Of each place, how many bytes before it are not stuffed. */
  private readonly ranks: Uint32Array;
  /** Of each such byte, the sum of those before it. */
  private readonly sums: Uint8Array;
  private readonly count: number;

  constructor(private readonly bytes: Uint8Array) {
    this.places = new Uint32Array(bytes.length);
    this.ranks = new Uint32Array(bytes.length);
    this.sums = new Uint8Array(bytes.length + 1);
    let count = 0;
    for (let at = 0; at < bytes.length; at++) {
      this.ranks[at] = count;
      if (bytes[at] === STUFFED && bytes[at - 1] === AA) continue;
      this.places[count] = at;
      this.sums[count + 1] = this.sums[count] + bytes[at];
      count++;
    }
    this.count = count;
  }

  /** The frame whose AA AA is at a place. */
  extent(start: number): Extent {
    const first = this.ranks[start];
    const plain = (rank: number): number => this.bytes[this.places[first + rank]];
    const needed = first + 4 > this.count ? Infinity : 4 + plain(2) * 256 + plain(3);
    if (first + needed > this.count) return { size: this.bytes.length - start, whole: false, sound: false };
    const last = this.places[first + needed - 1];
    // Behind an AA that ends a frame a 55 may follow.
    const end = this.bytes[last] === AA && this.bytes[last + 1] === STUFFED ? last + 2 : last + 1;
    const sum = (this.sums[first + needed] - this.sums[first + 5]) & 255;
    return { size: end - start, whole: true, sound: needed >= HEAD && sum === plain(4) };
  }
}
