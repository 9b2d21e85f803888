/** What browsers and newer Node.js have and Debian 12's Node.js 18 has not. Loaded before the tests. */

import { webcrypto } from "node:crypto";

globalThis.crypto ??= /** @type {any} */ (webcrypto);
