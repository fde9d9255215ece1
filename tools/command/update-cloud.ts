/** The update service of a development cloud, as its operator calls it. */
import { FailedError, systemCode } from "../../sim/errors.js";

/** One device of an update. */
export interface DeviceState {
  dk: string;
  online: boolean;
  /** waiting, offered, asked, confirmed, loading, interrupted, loaded, installing; updated, failed, refused, current, newer. */
  state: string;
  /** Bytes of the file that it has been sent, of `size`. */
  loaded: number;
  size: number;
}

export interface ReleaseState {
  id: string;
  pk: string;
  version: string;
  size: number;
  percent: number;
  devices: DeviceState[];
}

interface Answer {
  code: number;
  msg: string;
  extMsg: string;
  data: ReleaseState;
}

export class UpdateCloud {
  /** @param stop ends calls */
  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    private readonly stop: AbortSignal,
  ) {}

  /** @throws FailedError with the cloud's reason */
  push(bytes: Buffer, query: URLSearchParams): Promise<ReleaseState> {
    const type = { "content-type": "application/octet-stream" };
    return this.call(`/dev/updates?${query}`, { method: "POST", headers: type, body: new Uint8Array(bytes) });
  }

  look(id: string): Promise<ReleaseState> {
    return this.call(`/dev/updates/${id}`, {});
  }

  private async call(path: string, init: RequestInit): Promise<ReleaseState> {
    const headers = { ...init.headers, ...(this.token && { authorization: this.token }) };
    const answer = await this.ask(this.url.replace(/\/+$/, "") + path, { ...init, headers, signal: this.stop });
    if (answer.code === 200) return answer.data;
    throw new FailedError(`not pushed: the cloud answers ${answer.code}, ${answer.extMsg || answer.msg}`);
  }

  private async ask(url: string, init: RequestInit): Promise<Answer> {
    try {
      return (await (await fetch(url, init)).json()) as Answer;
    } catch (error) {
      this.stop.throwIfAborted();
      throw new FailedError(`no development cloud at ${this.url} (${systemCode(error) ?? "no answer"}): check the URL`);
    }
  }
}
