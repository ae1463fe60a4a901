package io.culvert.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.DialedWebSocket;
import io.culvert.websocket.Feature;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** WebSockets of the JDK's own HTTP client. */
final class ExampleDialer implements WebSocketDialer {
  /** Below 3000 the JDK sends no others. */
  private static final Set<Integer> CLOSE_CODES = Set.of(1000, 1001, 1008, 1011);

  /** By TLS settings and proxy: a client has one of each. */
  private final Map<List<Object>, HttpClient> clients = new ConcurrentHashMap<>();

  @Override
  public Set<Feature> missing() {
    return Set.of(Feature.ANY_TEXT, Feature.ADDRESSES, Feature.PROXY_FOR_WS, Feature.SOCKS_PROXY);
  }

  @Override
  public DialedWebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    DialedWebSocket socket = new DialedWebSocket(request, listener, missing());
    List<Object> settings = Arrays.asList(request.sslContext(), request.proxy());
    HttpClient client = clients.computeIfAbsent(settings, key -> client(request));
    WebSocket.Builder builder = client.newWebSocketBuilder();
    request.headers().forEach(builder::header);
    if (request.subprotocol() != null) {
      builder.subprotocols(request.subprotocol());
    }
    if (request.proxyAuthorization() != null) {
      builder.header("Proxy-Authorization", request.proxyAuthorization());
    }
    try {
      WebSocket jdk =
          socket.await(builder.buildAsync(request.uri(), new Callbacks(socket)), WebSocket::abort);
      socket.opened(jdk.getSubprotocol(), library(jdk));
      return socket;
    } catch (WebSocketHandshakeException e) {
      int status = e.getResponse().statusCode();
      throw new UpgradeException(status, "expected a WebSocket, but the answer is " + status);
    } catch (ProtocolException e) {
      throw new UpgradeException(0, "expected an HTTP answer, but got something else");
    }
  }

  private static HttpClient client(DialRequest request) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .executor(Runnable::run) // the JDK loses an end that it reads during a callback
            .proxy(ProxySelector.of((InetSocketAddress) request.proxy().address()));
    if (request.sslContext() != null) {
      builder.sslContext(request.sslContext());
    }
    return builder.build();
  }

  private static DialedWebSocket.Library library(WebSocket jdk) {
    return new DialedWebSocket.Library(
        jdk,
        (text, message) ->
            text ? jdk.sendText(UTF_8.decode(message), true) : jdk.sendBinary(message, true),
        jdk::sendPing,
        (code, reason) ->
            jdk.sendClose(code > 2999 || CLOSE_CODES.contains(code) ? code : 1008, reason),
        () -> jdk.request(1),
        jdk::abort);
  }

  private record Callbacks(DialedWebSocket socket) implements WebSocket.Listener {
    @Override
    public void onOpen(WebSocket jdk) {}

    @Override
    public CompletionStage<?> onText(WebSocket jdk, CharSequence part, boolean last) {
      socket.received(true, UTF_8.encode(CharBuffer.wrap(part)), last);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket jdk, ByteBuffer part, boolean last) {
      socket.received(false, part, last);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket jdk, ByteBuffer data) {
      socket.ponged(data);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket jdk, int code, String reason) {
      socket.ended(code, reason);
      return null;
    }

    @Override
    public void onError(WebSocket jdk, Throwable error) {
      Throwable violation = error.getCause() == null ? error : error.getCause();
      boolean notUtf8 = violation.getCause() instanceof CharacterCodingException;
      socket.ended(notUtf8 ? 1007 : 1006, error.toString());
    }
  }
}
