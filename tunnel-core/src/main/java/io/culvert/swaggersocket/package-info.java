/**
 * Connections that speak the protocol of the Go library swaggersocket: whole HTTP/1.1 messages as
 * WebSocket messages, one exchange at a time, in one direction. It reads no HTTP: the libraries on
 * both ends of a stream tell where a message and an exchange end.
 */
package io.culvert.swaggersocket;
