/** The last sentence of every error that ends a read of the directory. */
export const nothingChanged = 'The read of the source is incomplete; nothing was planned or changed.';
