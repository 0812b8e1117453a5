import { type ReactNode, useId } from 'react';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Result of the search in words. Screen readers read it when it changes. */
  readonly status: ReactNode;
}

/** A search field with its label above and the result in words below. */
export function SearchField({ label, value, onChange, status }: SearchFieldProps) {
  const id = useId();
  return (
    <>
      <search className="search-field">
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          type="search"
          autoComplete="off"
          maxLength={100}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </search>
      <p role="status" className="secondary-text">
        {status}
      </p>
    </>
  );
}
