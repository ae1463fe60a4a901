package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.TunnelStream;
import io.culvert.servlet.ServletHost;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every thread of the container is blocked in a servlet: what wakes them must not need one. */
@Timeout(60)
class BlockedServletThreadsTest {
  private static final int THREADS = 4;
  private static final int LARGE = 1 << 20;
  private static final String NAME = "test-blocked";

  private final MemoryConnections pair = MemoryConnections.pair();
  private ServletHost host;

  @BeforeEach
  void serve() {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
    threads.setName(NAME);
    threads.setReservedThreads(0);
    host = ServletHost.builder(new BlockingServlet()).threadPool(threads).build().start();
    pair.acceptor().streamHandler(host.streams());
  }

  @AfterEach
  void close() {
    pair.close();
    host.close();
  }

  @Test
  void readersGoOnWhenTheirBytesCome() throws Exception {
    List<TunnelStream> streams =
        request(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf.");
    for (TunnelStream stream : streams) {
      stream.outputStream().write("half.".getBytes(StandardCharsets.US_ASCII));
    }
    for (TunnelStream stream : streams) {
      assertTrue(answerOf(stream).endsWith("\r\n\r\n10"));
    }
  }

  @Test
  void writersGoOnWhenTheirBytesAreRead() throws Exception {
    String head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for (TunnelStream stream : request(head)) {
      String answer = answerOf(stream);
      assertEquals(LARGE, answer.length() - answer.indexOf("\r\n\r\n") - 4);
    }
  }

  /** Sends more requests than there are threads, and waits until all threads are blocked. */
  private List<TunnelStream> request(String bytes) throws IOException {
    List<TunnelStream> streams = new ArrayList<>();
    for (int i = 0; i < 2 * THREADS; i++) {
      TunnelStream stream = pair.dialer().open(Map.of(), Duration.ofSeconds(30));
      stream.outputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
      streams.add(stream);
    }
    Await.until("all threads are blocked in the servlet", () -> blocked() == THREADS);
    return streams;
  }

  private static long blocked() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(e -> e.getKey().getName().startsWith(NAME + "-"))
        .filter(e -> e.getKey().getState() == Thread.State.WAITING)
        .filter(e -> List.of(e.getValue()).toString().contains("BlockingServlet"))
        .count();
  }

  private static String answerOf(TunnelStream stream) throws IOException {
    return new String(stream.inputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static final class BlockingServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      long count = request.getInputStream().transferTo(OutputStream.nullOutputStream());
      response.getWriter().print(count);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentLength(LARGE);
      byte[] block = new byte[4096];
      for (int i = 0; i < LARGE; i += block.length) {
        response.getOutputStream().write(block);
      }
    }
  }
}
