package io.culvert.testkit.swaggersocket;

import java.io.IOException;

/** The API that the right side of the {@link Transcript transcripts} serves. */
public final class TranscriptService implements SwaggerService {
  @Override
  public void serve(Exchange exchange) throws IOException {
    switch (exchange.path()) {
      case "/simple/" -> exchange.write("Hello, Dolores!");
      case "/chunked/" -> {
        for (int i = 1; i <= 10; i++) {
          exchange.write("Chunk #" + i + "\n");
          exchange.flush();
        }
      }
      case "/echo/" -> exchange.write(exchange.body());
      case "/none/" -> exchange.status(204);
      case "/trailers/" -> {
        exchange.trailer("X-Sum", "7");
        exchange.write("body");
        exchange.flush();
      }
      default -> exchange.status(404);
    }
  }
}
