/**
 * An atomic journal in raw flash: a map from keys to values that survives a power cut between or inside any two flash
 * operations. Changes are appended as records to a block; when it is full, the whole state is written to the next
 * block, which counts only from the moment its header is written, last.
 */

import {
  BLOCK_SIZE,
  BLOCK_START,
  decodeBlockHeader,
  decodeRecord,
  encodeBlockHeader,
  encodeRecord,
  recordSize,
  type Crc32,
} from "../codec/record.js";
import { decodeTtlv, encodeTtlv, find, type Node, type Value } from "../codec/ttlv.js";
import type { FlashArea } from "../platform.js";

/** Changes to be made together. The value false removes the key. */
export type Changes = Node[];

export class Journal {
  private _state: Node[] = [];
  private _block = -1;
  private _sequence = 0;
  private _offset = BLOCK_SIZE;

  /**
   * Reads the state; writes nothing.
   * @param _first first block of the area, counted from the start of the flash
   * @param _blocks how many blocks take turns, at least 2 to be safe against power cuts
   */
  constructor(
    private _flash: FlashArea,
    private _crc32: Crc32,
    private _first: number,
    private _blocks: number,
  ) {
    for (let i = 0; i < _blocks; i++) {
      const sequence = decodeBlockHeader(this._read(i, 0, BLOCK_START), _crc32);
      if (sequence > this._sequence) {
        this._sequence = sequence;
        this._block = i;
      }
    }
    if (this._block >= 0) this._replay();
  }

  /** Whether nothing was ever written here. */
  empty(): boolean {
    return this._block < 0;
  }

  get(key: number): Value | undefined {
    return find(this._state, key);
  }

  /** The text under a key, or "". */
  text(key: number): string {
    const value = this.get(key);
    return typeof value == "string" ? value : "";
  }

  /** Writes all changes as one: after a power cut either all of them are there or none. */
  put(changes: Changes): void {
    changes.forEach((change) => this._apply(change));
    const content = encodeTtlv(changes);
    if (this._offset + recordSize(content.length) > BLOCK_SIZE) {
      this._moveOn();
    } else {
      this._append(content);
    }
  }

  private _read(block: number, offset: number, length: number): string {
    return this._flash.read(length, (this._first + block) * BLOCK_SIZE + offset);
  }

  private _write(offset: number, bytes: string): void {
    this._flash.write(bytes, (this._first + this._block) * BLOCK_SIZE + offset);
  }

  private _append(content: string): void {
    const record = encodeRecord(content, this._crc32);
    this._write(this._offset, record);
    this._offset += record.length;
  }

  private _apply(change: Node): void {
    for (let i = 0; i < this._state.length; i++) {
      if (this._state[i][0] == change[0]) {
        this._state.splice(i, 1);
        break;
      }
    }
    if (change[1] !== false) this._state.push(change);
  }

  /** Applies the current block's records in order. A torn one ends it: the next change goes to a fresh block. */
  private _replay(): void {
    let offset = BLOCK_START;
    while (offset < BLOCK_SIZE) {
      const header = this._read(this._block, offset, 8);
      const length = header.length == 8 ? (header.charCodeAt(0) << 8) | header.charCodeAt(1) : 0;
      const size = length < BLOCK_SIZE ? recordSize(length) : 8;
      const content = decodeRecord(this._read(this._block, offset, size), 0, this._crc32);
      if (content == "") {
        this._offset = offset;
        return;
      }
      const changes = content ? decodeTtlv(content) : undefined;
      if (!changes) return;
      changes.forEach((change) => this._apply(change));
      offset += size;
    }
  }

  /** Starts the next block with the whole state. */
  private _moveOn(): void {
    this._block = (this._block + 1) % this._blocks;
    this._flash.erase((this._first + this._block) * BLOCK_SIZE);
    this._offset = BLOCK_START;
    if (this._state.length) this._append(encodeTtlv(this._state));
    this._write(0, encodeBlockHeader(++this._sequence, this._crc32));
  }
}
