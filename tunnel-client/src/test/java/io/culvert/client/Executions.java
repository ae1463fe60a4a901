package io.culvert.client;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * Counts how often each request, named by a header, was carried out: from the moment at which it is
 * entered. By path: {@code /half} answers in part, {@code /moved} with a redirect to {@code /gate},
 * {@code /gate} not before it may.
 */
final class Executions extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String ID = "X-Id";

  /** A request has come to {@code /gate} or {@code /half}. */
  final transient CountDownLatch arrived = new CountDownLatch(1);

  /** They may answer, or end their answer. */
  final transient CountDownLatch go = new CountDownLatch(1);

  private final transient Map<String, Integer> counts = new ConcurrentHashMap<>();

  static Request.Builder post(String path, String id) {
    return new Request.Builder()
        .url("http://service" + path)
        .header(ID, id)
        .post(RequestBody.create(new byte[10]));
  }

  int of(String id) {
    return counts.getOrDefault(id, 0);
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    counts.merge(request.getHeader(ID), 1, Integer::sum);
    switch (request.getRequestURI()) {
      case "/gate" -> awaitGo();
      case "/half" -> {
        response.getOutputStream().print("half");
        response.flushBuffer();
        awaitGo();
      }
      case "/moved" -> {
        response.setStatus(307);
        response.setHeader("Location", "/gate");
        return;
      }
      case "/broken" -> {
        response.setContentLength(100);
        response.getOutputStream().print("less");
        response.flushBuffer();
        throw new IOException("the service fails in the middle of its answer");
      }
      default -> {}
    }
    request.getInputStream().readAllBytes();
    response.getOutputStream().print("done");
  }

  private void awaitGo() throws IOException {
    arrived.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
