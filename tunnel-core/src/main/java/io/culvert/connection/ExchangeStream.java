package io.culvert.connection;

/**
 * A stream of a connection that carries whole HTTP messages, one exchange at a time, instead of
 * bytes: it has to be told where they end, because it does not read HTTP. Its input and output are
 * those of a socket otherwise.
 *
 * <p>What the opener has written is one request, which goes out when the opener begins to read.
 */
public interface ExchangeStream extends TunnelStream {

  /**
   * What was written since the last call goes out as one message; does nothing if that is nothing.
   * For the side that serves: the end of what its HTTP library wrote at once.
   */
  void endMessage();

  /**
   * The exchange is over: the opener has read the response to its end, or the side that serves has
   * written it to its end. A stream that is closed before that ends its connection, because nothing
   * else tells the peer where the next exchange begins.
   */
  void endExchange();
}
