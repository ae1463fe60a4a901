package io.culvert.testkit.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.Await;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A peer that dialed and one that accepted, upgraded, without a handshake. */
@Timeout(120) // a hang guard
abstract class PeerPair {
  SwaggerListener listener;
  SwaggerPeer dialer;
  SwaggerPeer acceptor;

  @BeforeEach
  void connect() throws Exception {
    listener = SwaggerPeer.listen();
    CompletableFuture<SwaggerPeer> accepting = async(listener::accept);
    dialer = SwaggerPeer.dial(listener.uri());
    acceptor = accepting.get();
  }

  @AfterEach
  void close() throws IOException {
    dialer.close();
    acceptor.close();
    listener.close();
    assertEquals(List.of(), dialer.problems());
    assertEquals(List.of(), acceptor.problems());
    Await.noThreads("culvert-swagger-peer");
  }

  interface Task<T> {
    T run() throws IOException;
  }

  static <T> CompletableFuture<T> async(Task<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.run();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** With CRLF between them; an empty last one gives it to the one before. */
  static String lines(String... lines) {
    return String.join("\r\n", lines);
  }
}
