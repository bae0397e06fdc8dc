/** The methods of a client that send requests, and the index of their options among the arguments. */
export const OPTIONS_INDEX: Readonly<Record<string, number>> = {
  request: 2,
  get: 1,
  head: 1,
  options: 1,
  delete: 1,
  post: 2,
  put: 2,
  patch: 2,
  getJSON: 1,
  requests: 1,
};
