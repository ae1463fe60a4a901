/** Public HTTP on its way to an agent's streams. */
package io.culvert.relay.http;
