import 'react';

declare module 'react' {
  interface CSSProperties {
    /** CSS custom properties that a component sets. */
    [variable: `--${string}`]: string | number | undefined;
  }
}
