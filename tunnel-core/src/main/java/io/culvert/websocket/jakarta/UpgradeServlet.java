package io.culvert.websocket.jakarta;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the acceptor's handler about each request, and answers it or hands it to the container. */
final class UpgradeServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(UpgradeServlet.class);

  /** Null until {@link #serve}. */
  private transient volatile JakartaAcceptor acceptor;

  void serve(JakartaAcceptor newAcceptor) {
    acceptor = newAcceptor;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    JakartaAcceptor target = acceptor;
    UpgradeHandler handler = target == null ? null : target.handler();
    if (!isUpgrade(request)) {
      refuse(
          response,
          new Upgrade.Refuse(
              426,
              "expected a WebSocket upgrade (RFC 6455, version 13)",
              Map.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13")));
    } else if (handler == null) {
      refuse(response, new Upgrade.Refuse(503, "WebSockets are not accepted now"));
    } else {
      ServerContainer container = container();
      Upgrade decision = decide(handler, new Request(request));
      if (decision instanceof Upgrade.Accept accept) {
        accept(container, request, response, new JakartaWebSocket(target, accept, request));
      } else {
        refuse(response, (Upgrade.Refuse) decision);
      }
    }
  }

  private static boolean isUpgrade(HttpServletRequest request) {
    return request.getMethod().equals("GET")
        && request.getProtocol().equals("HTTP/1.1")
        && list(request, "Upgrade").anyMatch("websocket"::equalsIgnoreCase)
        && list(request, "Connection").anyMatch("upgrade"::equalsIgnoreCase)
        && "13".equals(request.getHeader("Sec-WebSocket-Version"))
        && hasKey(request);
  }

  private static boolean hasKey(HttpServletRequest request) {
    String key = request.getHeader("Sec-WebSocket-Key");
    return key != null && !key.isBlank();
  }

  /** The values of a header that is a list, however many lines it takes. */
  private static Stream<String> list(HttpServletRequest request, String header) {
    return Collections.list(request.getHeaders(header)).stream()
        .flatMap(line -> Stream.of(line.split(",", -1)))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private ServerContainer container() throws ServletException {
    String name = ServerContainer.class.getName();
    if (getServletContext().getAttribute(name) instanceof ServerContainer container) {
      return container;
    }
    throw new ServletException(
        "the servlet context has no "
            + name
            + ": add the WebSocket support of the servlet container. Tomcat: tomcat-embed-websocket"
            + " and its WsSci; Jetty: jetty-ee11-websocket-jakarta-server and its"
            + " JakartaWebSocketServletContainerInitializer; Spring Boot:"
            + " spring-boot-starter-websocket");
  }

  private static Upgrade decide(UpgradeHandler handler, Request request) {
    try {
      Upgrade decision = handler.onUpgrade(request);
      if (decision == null) {
        throw new IllegalStateException("the upgrade handler answered null");
      }
      if (decision instanceof Upgrade.Accept accept
          && accept.subprotocol() != null
          && !request.subprotocols().contains(accept.subprotocol())) {
        throw new IllegalStateException(
            "the handler chose subprotocol " + accept.subprotocol() + ", which was not offered");
      }
      return decision;
    } catch (RuntimeException | Error e) {
      log.error("the upgrade handler failed", e);
      return new Upgrade.Refuse(500, "internal error");
    }
  }

  private static void refuse(HttpServletResponse response, Upgrade.Refuse refusal)
      throws IOException {
    response.setStatus(refusal.status());
    refusal.headers().forEach(response::setHeader);
    response.setHeader("Connection", "close");
    response.setContentType("text/plain; charset=utf-8");
    byte[] body = (refusal.reason() + "\n").getBytes(StandardCharsets.UTF_8);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static void accept(
      ServerContainer container,
      HttpServletRequest request,
      HttpServletResponse response,
      JakartaWebSocket webSocket)
      throws ServletException, IOException {
    // The class is only looked at: Jetty wants it public. The instance comes from the Configurator.
    ServerEndpointConfig config =
        ServerEndpointConfig.Builder.create(Endpoint.class, "/")
            .configurator(new Configurator(webSocket))
            .build();
    try {
      container.upgradeHttpToWebSocket(request, response, config, Map.of());
    } catch (DeploymentException e) {
      throw new ServletException(e);
    }
  }

  /** Leaves the container nothing to decide. */
  private static final class Configurator extends ServerEndpointConfig.Configurator {
    private final JakartaWebSocket webSocket;

    Configurator(JakartaWebSocket webSocket) {
      this.webSocket = webSocket;
    }

    /** The handler has seen the Origin header. */
    @Override
    public boolean checkOrigin(String originHeaderValue) {
      return true;
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return webSocket.subprotocol() == null ? "" : webSocket.subprotocol();
    }

    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return List.of();
    }

    @Override
    public <T> T getEndpointInstance(Class<T> endpointClass) {
      return endpointClass.cast(new Incoming(webSocket));
    }
  }

  /** A copy: the container uses its request object again. */
  private record Request(
      String target,
      Map<String, String> headers,
      List<String> subprotocols,
      SocketAddress remoteAddress,
      boolean secure)
      implements UpgradeRequest {

    Request(HttpServletRequest request) {
      this(
          request.getQueryString() == null
              ? request.getRequestURI()
              : request.getRequestURI() + "?" + request.getQueryString(),
          new TreeMap<>(String.CASE_INSENSITIVE_ORDER),
          list(request, "Sec-WebSocket-Protocol").toList(),
          JakartaWebSocket.address(request.getRemoteAddr(), request.getRemotePort()),
          request.isSecure());
      Collections.list(request.getHeaderNames())
          .forEach(name -> headers.put(name, request.getHeader(name)));
    }

    @Override
    public String header(String name) {
      return headers.get(name);
    }
  }
}
