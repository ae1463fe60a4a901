package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocketAcceptor.Limits;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The acceptor's side of the upgrade. Loop thread only. */
final class AcceptPhase implements Wire.Phase {
  private static final Logger log = LoggerFactory.getLogger(AcceptPhase.class);

  /** The library joins repeated headers with a semicolon. */
  private static final Pattern LIST_SEPARATOR = Pattern.compile("\\s*[,;]\\s*");

  private static final Map<Integer, String> PHRASES =
      Map.of(
          400, "Bad Request",
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          426, "Upgrade Required",
          429, "Too Many Requests",
          500, "Internal Server Error",
          503, "Service Unavailable");

  private final Wire wire;
  private final UpgradeHandler handler;
  private final Limits limits;
  private final HttpHead head = new HttpHead();
  private IoLoop.Timer timeout;

  AcceptPhase(Wire wire, UpgradeHandler handler, Limits limits) {
    this.wire = wire;
    this.handler = handler;
    this.limits = limits;
  }

  void start() {
    timeout =
        wire.loop()
            .schedule(
                limits.upgradeTimeout(),
                () -> wire.drop(new IOException("no upgrade request within the time limit")));
  }

  @Override
  public void onBytes(ByteBuffer bytes) {
    try {
      if (head.add(bytes)) {
        upgrade(bytes);
      } else if (!head.canStartWith("GET ")) {
        // A TLS dialer, say, would otherwise wait for its own time limit.
        refuse(new Upgrade.Refuse(400, "expected an HTTP/1.1 GET request"));
      }
    } catch (IOException e) {
      refuse(new Upgrade.Refuse(400, e.getMessage()));
    }
  }

  private void upgrade(ByteBuffer rest) {
    Codec codec = new Codec(Role.SERVER, limits.maxMessageBytes(), null);
    try {
      boolean matched =
          codec.translateHandshake(head.toBuffer()) instanceof ClientHandshake request
              && codec.acceptHandshakeAsServer(request) == HandshakeState.MATCHED
              && answer(codec, request, rest);
      if (!matched) {
        refuse(notAnUpgrade());
      }
    } catch (InvalidHandshakeException e) {
      refuse(notAnUpgrade());
    }
  }

  private static Upgrade.Refuse notAnUpgrade() {
    return new Upgrade.Refuse(
        426,
        "expected a WebSocket upgrade (RFC 6455, version 13)",
        Map.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13"));
  }

  private boolean answer(Codec codec, ClientHandshake request, ByteBuffer rest)
      throws InvalidHandshakeException {
    Upgrade decision;
    try {
      decision = decide(new Request(request, wire.remoteAddress(), wire.secure()));
    } catch (RuntimeException | Error e) {
      log.error("the upgrade handler failed", e);
      decision = new Upgrade.Refuse(500, "internal error");
    }
    if (decision instanceof Upgrade.Accept accept) {
      codec.choose(accept.subprotocol());
      accept(codec, request, accept, rest);
    } else {
      refuse((Upgrade.Refuse) decision);
    }
    return true;
  }

  private Upgrade decide(Request request) {
    Upgrade decision = handler.onUpgrade(request);
    if (decision instanceof Upgrade.Accept accept
        && accept.subprotocol() != null
        && !request.subprotocols().contains(accept.subprotocol())) {
      throw new IllegalStateException(
          "the handler chose subprotocol " + accept.subprotocol() + ", which was not offered");
    }
    if (decision == null) {
      throw new IllegalStateException("the upgrade handler answered null");
    }
    return decision;
  }

  private void accept(Codec codec, ClientHandshake request, Upgrade.Accept accept, ByteBuffer rest)
      throws InvalidHandshakeException {
    timeout.cancel();
    List<ByteBuffer> answer =
        codec.createHandshake(
            codec.postProcessHandshakeResponseAsServer(request, new HandshakeImpl1Server()));
    for (ByteBuffer part : answer) {
      wire.outbound().send(part, null);
    }
    JavaWebSocket webSocket =
        new JavaWebSocket(
            wire,
            codec,
            accept.subprotocol(),
            accept.listener(),
            Math.min(limits.maxMessageBytes(), accept.maxMessageBytes()));
    webSocket.open();
    if (rest.hasRemaining()) {
      webSocket.onBytes(rest);
    }
  }

  private void refuse(Upgrade.Refuse refusal) {
    wire.ignoreInput();
    byte[] body = (refusal.reason() + "\n").getBytes(StandardCharsets.UTF_8);
    StringBuilder answer = new StringBuilder("HTTP/1.1 ").append(refusal.status()).append(' ');
    answer.append(PHRASES.getOrDefault(refusal.status(), "Refused")).append("\r\n");
    refusal
        .headers()
        .forEach(
            (name, value) ->
                answer.append(oneLine(name)).append(": ").append(oneLine(value)).append("\r\n"));
    answer.append("Content-Type: text/plain; charset=utf-8\r\n");
    answer.append("Content-Length: ").append(body.length).append("\r\n");
    answer.append("Connection: close\r\n\r\n");
    byte[] start = answer.toString().getBytes(StandardCharsets.ISO_8859_1);
    wire.outbound()
        .sendLast(ByteBuffer.allocate(start.length + body.length).put(start).put(body).flip());
  }

  /** A line break in a value would let its author write headers of their own. */
  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  @Override
  public void onLastWritten() {
    timeout.cancel();
    wire.linger(new IOException("the upgrade was refused"));
  }

  @Override
  public void onEnd(IOException reason) {
    timeout.cancel();
  }

  private record Request(ClientHandshake handshake, SocketAddress remoteAddress, boolean secure)
      implements UpgradeRequest {

    @Override
    public String target() {
      return handshake.getResourceDescriptor();
    }

    @Override
    public String header(String name) {
      return handshake.hasFieldValue(name) ? handshake.getFieldValue(name) : null;
    }

    @Override
    public List<String> subprotocols() {
      String offered = handshake.getFieldValue(Codec.PROTOCOL).strip();
      return offered.isEmpty() ? List.of() : List.of(LIST_SEPARATOR.split(offered));
    }
  }
}
