/** A camera that looks for QR codes, until it is stopped. */

const PAUSE_MS = 120;
/** Pixels of the longer side that are looked at. */
const SIDE = 960;
const WANTED = { video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };

/** A page of an address that is not secure has none. */
export const hasCamera = (): boolean =>
  (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia !== undefined;

const REFUSED = "The browser lets this page use no camera: allow it beside the address, and scan again.";
const NONE = "This machine has no camera: connect one, or type the text of the label.";
const SENTENCES: Record<string, string> = {
  NotAllowedError: REFUSED,
  SecurityError: REFUSED,
  NotFoundError: NONE,
  OverconstrainedError: NONE,
  NotReadableError: "Another program has the camera: end it, and scan again.",
  TypeError: "The reader of QR codes did not load: check that the server of this page still runs.",
};

const sentenceOf = (error: unknown): string =>
  SENTENCES[(error as Error).name] ?? "The camera does not open: type the text of the label.";

export interface Watcher {
  /** The text of a code, as often as it is seen. */
  saw(text: string): void;
  /** In one sentence; the camera is off then. */
  failed(sentence: string): void;
}

/** @returns a function that switches the camera off */
export function watch(video: HTMLVideoElement, { saw, failed }: Watcher): () => void {
  let on = true;
  let timer: number | undefined;
  let stream: MediaStream | undefined;
  const stop = (): void => {
    on = false;
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  };
  const fail = (sentence: string): void => {
    if (on) failed(sentence);
    stop();
  };
  const begin = async (): Promise<void> => {
    const { textIn } = await import("./qr.js");
    if (!on) return;
    stream = await navigator.mediaDevices.getUserMedia(WANTED);
    // Closed while the browser asked.
    if (!on) return stop();
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => fail("The camera has gone: connect it, and scan again."));
    }
    video.srcObject = stream;
    const look = (): void => {
      const picture = pictureOf(video);
      const text = picture && textIn(picture);
      if (text !== undefined) saw(text);
      if (on) timer = window.setTimeout(look, PAUSE_MS);
    };
    look();
  };
  begin().catch((error: unknown) => fail(sentenceOf(error)));
  return stop;
}

const canvas = document.createElement("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });

/** What the camera sees now; undefined before its first picture. */
function pictureOf(video: HTMLVideoElement): ImageData | undefined {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height || !context) return undefined;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
