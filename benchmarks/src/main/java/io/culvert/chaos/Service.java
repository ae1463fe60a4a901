package io.culvert.chaos;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;

/** What each side serves. Remembers how often each POST was executed. */
final class Service extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Of up- and downloads. */
  static final int CHUNK_BYTES = 64 * 1024;

  private final transient AtomicIntegerArray executed;

  /**
   * A service.
   *
   * @param posts the numbers of POSTs that it knows are less than this
   */
  Service(int posts) {
    executed = new AtomicIntegerArray(posts);
  }

  /** To be served once. */
  ServletContextHandler application() {
    ServletContextHandler application = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(this);
    holder.setAsyncSupported(true);
    application.addServlet(holder, "/*");
    JakartaWebSocketServletContainerInitializer.configure(
        application,
        (context, container) ->
            container.addEndpoint(
                ServerEndpointConfig.Builder.create(Echo.class, "/socket").build()));
    return application;
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getPathInfo().equals("/upload")) {
      upload(request.getInputStream(), response);
    } else {
      byte[] body = request.getInputStream().readAllBytes();
      executed.incrementAndGet(number(request, "number"));
      response.getOutputStream().write(body);
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getPathInfo()) {
      case "/executed" -> executed(response.getOutputStream());
      case "/download" -> download(request, response.getOutputStream());
      case "/events" -> events(request, response);
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private static int number(HttpServletRequest request, String name) {
    return Integer.parseInt(request.getParameter(name));
  }

  private static void upload(InputStream in, HttpServletResponse response) throws IOException {
    MessageDigest digest = Numbered.sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    long total = 0;
    for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
      digest.update(chunk, 0, length);
      total += length;
    }
    response.getWriter().print(total + " " + HexFormat.of().formatHex(digest.digest()));
  }

  /** One byte for each POST: how often it was executed. */
  private void executed(OutputStream out) throws IOException {
    byte[] counts = new byte[executed.length()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (byte) Math.min(executed.get(i), Byte.MAX_VALUE);
    }
    out.write(counts);
  }

  private static void download(HttpServletRequest request, OutputStream out) throws IOException {
    SplittableRandom random = new SplittableRandom(Long.parseLong(request.getParameter("seed")));
    byte[] chunk = new byte[CHUNK_BYTES];
    long chunks = Long.parseLong(request.getParameter("bytes")) / CHUNK_BYTES;
    for (long i = 0; i < chunks; i++) {
      random.nextBytes(chunk);
      out.write(chunk);
    }
  }

  private static void events(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/event-stream");
    OutputStream out = response.getOutputStream();
    int count = number(request, "count");
    Pace pace = new Pace(count, Duration.ofSeconds(number(request, "seconds")));
    try {
      for (int i = 0; i < count; i++) {
        pace.await(i);
        out.write(("data: " + Numbered.text(i) + "\n\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  /** Sends back what it gets. Public, because the container makes it. */
  public static final class Echo extends Endpoint {
    @Override
    public void onOpen(Session session, EndpointConfig config) {
      session.setMaxIdleTimeout(0);
      session.addMessageHandler(
          String.class,
          (MessageHandler.Whole<String>)
              text -> {
                try {
                  session.getBasicRemote().sendText(text);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
