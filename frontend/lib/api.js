/**
 * The one place that talks to /api/v1: JSON in and out, problem+json as exceptions.
 */

const BASE = "/api/v1";

/**
 * @typedef {object} ApiOptions
 * @property {unknown} [json] sent as application/json
 * @property {BodyInit} [body] sent as it is
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {Record<string, string | number | boolean | null | undefined>} [query] empty ones are left out
 */

export class ApiError extends Error {
  /**
   * @param {number} status 0 when no answer came
   * @param {string} code
   * @param {string} detail a sentence for the user
   * @param {Record<string, any>} problem
   * @param {number | null} retryAfter seconds the server asked to wait
   */
  constructor(status, code, detail, problem, retryAfter) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} path below /api/v1
 * @param {ApiOptions["query"]} [query]
 */
export function apiUrl(path, query = {}) {
  const url = new URL(BASE + path, location.origin);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "")
      url.searchParams.set(key, String(value));
  }
  return url.pathname + url.search;
}

/**
 * The answer as it came; throws ApiError when it is not 2xx or 304.
 * @param {string} method
 * @param {string} path
 * @param {ApiOptions} [options]
 */
export async function apiRaw(method, path, options = {}) {
  const { json, body, headers = {}, signal, query } = options;
  /** @type {RequestInit} */
  const init = { method, headers: { Accept: "application/json", ...headers } };
  if (signal) init.signal = signal;
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  } else if (body !== undefined) {
    init.body = body;
  }
  let response;
  try {
    response = await fetch(apiUrl(path, query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(
      0,
      "offline",
      "The server can't be reached. Nothing was lost; try again.",
      {},
      null,
    );
  }
  if (!response.ok && response.status !== 304) throw await problemOf(response);
  return response;
}

/**
 * The answer's JSON, or null where there is none.
 * @param {string} method
 * @param {string} path
 * @param {ApiOptions} [options]
 * @returns {Promise<any>}
 */
export async function api(method, path, options = {}) {
  const response = await apiRaw(method, path, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function problemOf(response) {
  return problemFrom(
    response.status,
    await response.text(),
    response.headers.get("Retry-After"),
    response.headers.get("Content-Type"),
  );
}

/**
 * @param {number} status
 * @param {string} text the answer's body
 * @param {string | null} retryAfter
 * @param {string | null} contentType
 */
export function problemFrom(status, text, retryAfter, contentType) {
  /** @type {Record<string, any>} */
  let problem = {};
  if (contentType?.includes("json")) {
    try {
      problem = JSON.parse(text);
    } catch {
      problem = {};
    }
  }
  const detail =
    problem.detail ?? `The server answered ${status}. Nothing was lost; try again in a moment.`;
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new ApiError(
    status,
    problem.code ?? "unexpected",
    String(detail),
    problem,
    Number.isFinite(seconds) ? seconds : null,
  );
}

/**
 * Every item of a cursor-paged list, page by page.
 * @param {string} path
 * @param {ApiOptions["query"]} [query]
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<any[]>}
 */
export async function* pages(path, query = {}, signal) {
  /** @type {string | null} */
  let cursor = null;
  do {
    const page = await api("GET", path, {
      query: { ...query, cursor },
      ...(signal ? { signal } : {}),
    });
    yield page.items;
    cursor = page.next_cursor;
  } while (cursor);
}
