/** As much of WebAssembly as is used: TypeScript has it with the browser's types alone. Absent under `node --jitless`. */
declare const WebAssembly:
  | {
      readonly Module: new (code: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
    }
  | undefined;
