package io.culvert.swaggersocket;

/**
 * Bounds of a connection that speaks swaggersocket.
 *
 * @param heartbeatIdle nanoseconds without anything received before a WebSocket ping goes out; 0
 *     switches pings and their verdict off
 * @param heartbeatTimeout nanoseconds that a ping may stay unanswered by a peer that is known to
 *     answer while no exchange is under way
 * @param handshakeTimeout nanoseconds from the WebSocket's opening to the end of the handshake
 * @param metadataLimit bytes of JSON that an acceptor takes as metadata
 * @param maxMessageBytes how long a request may be, which is one message; to be the bound of the
 *     WebSocket's messages too
 * @param pingData application data of pings; at most 125 bytes; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SwaggerSettings(
    long heartbeatIdle,
    long heartbeatTimeout,
    long handshakeTimeout,
    int metadataLimit,
    int maxMessageBytes,
    byte[] pingData) {

  /** The longest application data of a WebSocket ping (RFC 6455 section 5.5). */
  private static final int MAX_PING_DATA = 125;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is negative, a bound is 0 or the data is too long
   */
  public SwaggerSettings {
    if (heartbeatIdle < 0 || heartbeatTimeout < 0 || metadataLimit < 0) {
      throw new IllegalArgumentException("a setting of swaggersocket is negative");
    }
    if (handshakeTimeout <= 0 || maxMessageBytes <= 0) {
      throw new IllegalArgumentException(
          "the handshake timeout and the limit of a message must be positive");
    }
    if (pingData.length > MAX_PING_DATA) {
      throw new IllegalArgumentException(
          "ping data has at most " + MAX_PING_DATA + " bytes, but got " + pingData.length);
    }
  }
}
