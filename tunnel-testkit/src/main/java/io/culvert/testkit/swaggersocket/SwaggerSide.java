package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import okhttp3.Interceptor;

/**
 * The sides of a connection as {@link SwaggerScenarios} need them, so that the product or a
 * scripted peer can be either. Both speak the protocol of swaggersocket, detect a broken connection
 * by themselves, and need not wait long to dial again.
 */
public final class SwaggerSide {
  private SwaggerSide() {}

  /** The side that listens. Closing it ends its connections. */
  public interface Accepting extends AutoCloseable {
    InetSocketAddress address();

    /** Waits for the next connection whose handshake is complete; each is given once. */
    Connected next() throws InterruptedException;

    /** Whether a connection with this id is established, as far as this side knows. */
    boolean knows(String id);

    @Override
    void close() throws IOException;
  }

  /** The side that dials, and dials again when a connection breaks. Closing it ends them. */
  public interface Dialing extends AutoCloseable {
    /** Dials, and returns when the handshake is complete. */
    Connected dial(InetSocketAddress address) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
  }

  /**
   * A connection as one side has it. The one that was dialed stays the same when it is dialed
   * again, with another id, and serves what it served.
   */
  public interface Connected {
    String id();

    /** Sends the calls of a client through it. */
    Interceptor interceptor();

    /** Serves the other side's calls; called once. */
    void serve(SwaggerService service) throws IOException;

    /** Ends it in order, for good. */
    void close() throws IOException;
  }
}
