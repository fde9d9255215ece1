/** A field for the text of a label, typed or read by the camera. */
import { isUnreadable } from "./label-text.js";
import { ScanButton } from "./scanner.js";
import { Text } from "./text.js";

interface Props {
  label: string;
  value: string;
  set: (text: string) => void;
}

export function LabelField({ label, value, set }: Props) {
  return (
    <>
      <Text label={label} mono hint="WB:{…}" value={value} set={set} />
      <ScanButton read={set} />
      {isUnreadable(value) && (
        <p class="problem" role="alert">
          This is no label: its text is WB: and JSON with pk and dk.
        </p>
      )}
    </>
  );
}
