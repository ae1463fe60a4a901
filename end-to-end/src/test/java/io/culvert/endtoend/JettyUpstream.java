package io.culvert.endtoend;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.jetty.JettyMount;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A service in Java, on a port of loopback: HTTP/1.1, HTTP/2 without TLS, and WebSockets. */
final class JettyUpstream implements AutoCloseable {
  private final Server server = new Server();
  private final ServerConnector connector;
  private final WebSocketAcceptor webSockets;

  /** What {@code /events} sends next, an event each. */
  final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

  /** How often each value of {@code /count?key=} was asked for. */
  final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

  final AtomicInteger hanging = new AtomicInteger();

  JettyUpstream() throws Exception {
    HttpConfiguration http = new HttpConfiguration();
    connector =
        new ServerConnector(
            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(new Service());
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    JettyMount mount = new JettyMount("/socket");
    mount.setHandler(context);
    server.setHandler(mount);
    webSockets =
        mount.acceptor(
            new ListenRequest(
                null,
                new WebSocketAcceptor.Limits(1 << 20, Duration.ofSeconds(10)),
                null,
                "upstream"));
    webSockets.start(upgrade -> new Upgrade.Accept(null, new EchoSocket()));
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    webSockets.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("the upstream did not stop", e);
    }
  }

  private final class Service extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      switch (request.getPathInfo()) {
        case "/hello" -> response.getWriter().println("hello");
        case "/echo" -> echo(request, response);
        case "/digest" -> response.getWriter().print(Bytes.digest(request.getInputStream()));
        case "/bytes" -> bytes(request, response);
        case "/head" -> head(request, response);
        case "/events" -> events(response);
        case "/hang" -> hang(request);
        case "/half" -> half(response);
        case "/trailers" -> trailers(request, response);
        case "/count" -> count(request, response);
        default -> response.setStatus(404);
      }
    }

    private void echo(HttpServletRequest request, HttpServletResponse response) throws IOException {
      byte[] chunk = new byte[8 * 1024];
      InputStream in = request.getInputStream();
      OutputStream out = response.getOutputStream();
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, n);
        out.flush();
      }
    }

    private void bytes(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      long length = Long.parseLong(request.getParameter("length"));
      response.setContentLengthLong(length);
      new Bytes(length).transferTo(response.getOutputStream());
    }

    /** What the request's head looked like when it arrived. */
    private void head(HttpServletRequest request, HttpServletResponse response) throws IOException {
      response.getWriter().println(request.getMethod() + " " + request.getRequestURI());
      for (String name : Collections.list(request.getHeaderNames())) {
        for (String value : Collections.list(request.getHeaders(name))) {
          response.getWriter().println(name + ": " + value);
        }
      }
    }

    private void events(HttpServletResponse response) throws IOException {
      response.setContentType("text/event-stream");
      response.flushBuffer();
      try {
        for (String event = events.take(); !event.isEmpty(); event = events.take()) {
          response.getOutputStream().write(bytesOf("data: " + event + "\n\n"));
          response.flushBuffer();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Never answers. */
    private void hang(HttpServletRequest request) {
      AsyncContext context = request.startAsync();
      context.setTimeout(0);
      hanging.incrementAndGet();
    }

    /** Promises more than it sends before it cuts the connection. */
    private void half(HttpServletResponse response) throws IOException {
      response.setContentLength(1000);
      response.getOutputStream().write(new byte[500]);
      response.flushBuffer();
      throw new IOException("on purpose");
    }

    private void trailers(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      request.getInputStream().readAllBytes();
      Map<String, String> fields = new HashMap<>(request.getTrailerFields());
      response.setHeader("Trailer", "seen");
      response.setTrailerFields(() -> Map.of("seen", fields.toString()));
      response.getWriter().println("trailers follow");
    }

    private void count(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      int count =
          counts
              .computeIfAbsent(request.getParameter("key"), key -> new AtomicInteger())
              .incrementAndGet();
      response.getWriter().print(count);
    }
  }

  private static byte[] bytesOf(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Sends back what it gets. */
  private static final class EchoSocket implements WebSocketListener {
    private WebSocket socket;

    @Override
    public void onOpen(WebSocket webSocket) {
      socket = webSocket;
    }

    @Override
    public void onBinary(ByteBuffer message) {
      socket.send(copy(message), failure -> {});
    }

    @Override
    public void onText(ByteBuffer message) {
      socket.sendText(copy(message), failure -> {});
    }

    private static ByteBuffer copy(ByteBuffer message) {
      return ByteBuffer.allocate(message.remaining()).put(message).flip();
    }

    @Override
    public void onPong(ByteBuffer data) {}

    @Override
    public void onClose(int code, String reason) {}
  }
}
