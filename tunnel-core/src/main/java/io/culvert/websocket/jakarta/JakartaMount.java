package io.culvert.websocket.jakarta;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import jakarta.servlet.http.HttpServlet;

/**
 * Accepts WebSockets on somebody else's port: gives a servlet that any container with Servlet 5 and
 * Jakarta WebSocket 2.1 or later (Tomcat 10.1, Jetty 12, Undertow 2.3) serves under any path, and
 * makes the one acceptor that decides about its requests. Tested with Tomcat 11 and Jetty 12.1.
 * Until that acceptor is started, and from {@link WebSocketAcceptor#stopListening} on, the servlet
 * answers 503.
 *
 * <p>Address, TLS, and how long a request may take are the container's affair, so a {@link
 * ListenRequest} names neither address nor TLS. So are its threads: a WebSocket that is {@linkplain
 * io.culvert.websocket.WebSocket#pause paused} holds one of them as soon as its peer sends a
 * message, and a ping or a close frame to a peer that does not read holds one of the acceptor's.
 *
 * <p>What Jakarta WebSocket cannot do besides what {@link WebSocketAcceptor#missing} names: Tomcat
 * reports a close frame without a code as 1000, the codes 1012 to 1014 as 1002, and a close that
 * this side began as soon as its close frame is written.
 *
 * <p>Tomcat, embedded (with tomcat-embed-websocket):
 *
 * <pre>{@code
 * Context context = tomcat.addContext("", null);
 * context.addServletContainerInitializer(new WsSci(), null);
 * Tomcat.addServlet(context, "tunnel", mount.servlet());
 * context.addServletMappingDecoded("/tunnel", "tunnel");
 * }</pre>
 *
 * <p>Spring Boot (with spring-boot-starter-websocket):
 *
 * <pre>{@code
 * @Bean
 * ServletRegistrationBean<HttpServlet> tunnel(JakartaMount mount) {
 *   return new ServletRegistrationBean<>(mount.servlet(), "/tunnel");
 * }
 * }</pre>
 *
 * <p>Jetty EE11, embedded (with jetty-ee11-websocket-jakarta-server):
 *
 * <pre>{@code
 * ServletContextHandler context = new ServletContextHandler();
 * context.addServlet(mount.servlet(), "/tunnel");
 * JakartaWebSocketServletContainerInitializer.configure(context, null);
 * server.setHandler(context);
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class JakartaMount implements WebSocketAcceptorFactory {
  private final UpgradeServlet servlet;

  /** Guarded by this. */
  private boolean taken;

  /**
   * @throws MissingLibraryException if the API of Jakarta WebSocket is not there
   */
  public JakartaMount() {
    MissingLibraryException.require(
        JakartaMount.class,
        "jakarta.websocket.server.ServerContainer",
        "jakarta.websocket:jakarta.websocket-api");
    servlet = new UpgradeServlet();
  }

  /** What to register with the container; the same at every call. */
  public HttpServlet servlet() {
    return servlet;
  }

  /**
   * The acceptor behind the servlet.
   *
   * @throws IllegalStateException if the mount has one already
   * @throws IllegalArgumentException if the request has an address or TLS, which nobody would heed
   */
  @Override
  public WebSocketAcceptor acceptor(ListenRequest request) {
    if (request.address() != null || request.tls() != null) {
      throw new IllegalArgumentException(
          "address and TLS of a hosted acceptor are its host's: leave them out");
    }
    synchronized (this) {
      if (taken) {
        throw new IllegalStateException("a JakartaMount serves one acceptor: make another mount");
      }
      taken = true;
    }
    JakartaAcceptor acceptor = new JakartaAcceptor(request);
    servlet.serve(acceptor);
    return acceptor;
  }

  @Override
  public boolean hosted() {
    return true;
  }
}
