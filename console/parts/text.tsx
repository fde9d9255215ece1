/** A field for one line of text. */

interface Props {
  label: string;
  value: string;
  set: (text: string) => void;
  hint?: string;
  mono?: boolean;
  required?: boolean;
  type?: "text" | "password";
}

export function Text({ label, value, set, hint, mono, required, type = "text" }: Props) {
  return (
    <label>
      {label}
      <input
        class={mono ? "mono" : undefined}
        type={type}
        autocomplete="off"
        required={required}
        value={value}
        placeholder={hint}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}
