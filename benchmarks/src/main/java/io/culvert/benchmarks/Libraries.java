package io.culvert.benchmarks;

import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import io.culvert.websocket.jdk.JdkDialer;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;
import io.culvert.websocket.okhttp.OkHttpDialer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The WebSocket libraries, by name; the default one first. */
final class Libraries {
  static final Map<String, Supplier<WebSocketDialer>> DIALERS = new LinkedHashMap<>();
  static final Map<String, WebSocketAcceptorFactory> ACCEPTORS = new LinkedHashMap<>();

  static {
    DIALERS.put("Java-WebSocket", JavaWebSocketDialer::new);
    DIALERS.put("Jetty", JettyDialer::new);
    DIALERS.put("JDK", JdkDialer::new);
    DIALERS.put("OkHttp", OkHttpDialer::new);
    ACCEPTORS.put("Java-WebSocket", JavaWebSocketAcceptor::new);
    ACCEPTORS.put("Jetty", JettyAcceptor::new);
  }

  private Libraries() {}
}
