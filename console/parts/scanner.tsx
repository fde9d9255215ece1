/** Reads a label by the camera, in a dialog. */
import { useEffect, useRef, useState } from "preact/hooks";

import { looksLikeLabel, parseLabel } from "../../tools/factory/label.js";
import { hasCamera, watch } from "./camera.js";

/** Why a text is no label, in one sentence; undefined for a label. */
function faultOf(text: string): string | undefined {
  if (!looksLikeLabel(text.trim())) return "This code is no label: the text of a label begins with WB:";
  try {
    parseLabel(text);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return `${message[0]!.toUpperCase()}${message.slice(1)}.`;
  }
}

interface Props {
  /** Takes the text of a label. */
  read: (label: string) => void;
}

function Scanner({ read, closed }: Props & { closed: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState("");
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    dialog.current!.showModal();
    const stop = watch(video.current!, {
      saw: (text) => {
        const fault = faultOf(text);
        setProblem(fault ?? "");
        if (fault !== undefined) return;
        read(text.trim());
        dialog.current!.close();
      },
      failed: (sentence) => {
        setProblem(sentence);
        setFailed(true);
      },
    });
    return stop;
  }, []);
  return (
    <dialog class="card scanner" ref={dialog} aria-label="scan a label" onClose={closed}>
      <h2>Scan a label</h2>
      <video ref={video} hidden={failed} autoPlay muted playsInline aria-label="what the camera sees" />
      {!failed && <p class="quiet">Hold the QR code of the label before the camera. No picture leaves this page.</p>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="button" onClick={() => dialog.current!.close()}>
        Close
      </button>
    </dialog>
  );
}

export function ScanButton({ read }: Props) {
  const [open, setOpen] = useState(false);
  if (!hasCamera()) {
    return <p class="quiet">The camera is used on http://localhost, http://127.0.0.1 and https:// only.</p>;
  }
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Scan its label
      </button>
      {open && <Scanner read={read} closed={() => setOpen(false)} />}
    </>
  );
}
