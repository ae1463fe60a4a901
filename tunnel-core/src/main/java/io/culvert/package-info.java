/**
 * The API: {@link io.culvert.SocketConnection} is what both sides work with, {@link
 * io.culvert.ConnectionEvent} what they hear.
 */
package io.culvert;
