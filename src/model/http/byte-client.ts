/** The answer to a request; `failed`: there is none, or not after all attempts. */
export type ByteAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** Decompressed. Ends with an error where the body is shorter than its length. */
      readonly body: AsyncIterable<Buffer>;
      /** Closes the connection without reading the body. */
      discard(): void;
    }
  | { readonly kind: 'failed'; readonly detail: string };

/** An HTTP client with the credentials of one server. It follows no redirects, and repeats temporary failures. */
export interface ByteClient {
  /**
   * Sends a GET with the credentials. A token is renewed once after 401; 429, 408 and 5xx are repeated, at most five
   * times in total. Redirects are not followed.
   */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ByteAnswer>;
  close(): void;
}
