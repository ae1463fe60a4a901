package io.culvert.testkit.swaggersocket;

import java.io.IOException;

/**
 * What an API does with a request, for either side: the product runs it as a {@link
 * ServiceServlet}, a scripted peer by itself. All text is wire text.
 */
@FunctionalInterface
public interface SwaggerService {

  void serve(Exchange exchange) throws IOException, InterruptedException;

  /** A request and its response, for the thread that serves it. */
  interface Exchange {
    /** The path, without a query. */
    String path();

    /** The request's body, which this reads. */
    String body() throws IOException;

    /** Before the first byte. */
    void status(int code);

    /** Before the first byte. */
    void header(String name, String value);

    /** Before the first byte; it is declared in the header {@code Trailer}. One at most. */
    void trailer(String name, String value);

    void write(String text) throws IOException;

    /**
     * What was written so far goes out.
     *
     * @throws IOException if the other side is gone
     */
    void flush() throws IOException;
  }
}
