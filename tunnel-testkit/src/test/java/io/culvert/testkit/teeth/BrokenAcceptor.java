package io.culvert.testkit.teeth;

import io.culvert.testkit.RawServer;
import io.culvert.testkit.teeth.Break.Side;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;

/** An acceptor that is broken in one place. */
final class BrokenAcceptor implements WebSocketAcceptor {
  private final Break broken;
  private final WebSocketAcceptor adapter;

  /** Null while there is none. */
  private volatile RawServer tap;

  BrokenAcceptor(Break broken, WebSocketAcceptor adapter) {
    this.broken = broken;
    this.adapter = broken.closeLater(adapter);
  }

  @Override
  public void start(UpgradeHandler handler) throws IOException {
    adapter.start(
        request -> {
          Upgrade answer = broken.upgrade(handler, request);
          return answer instanceof Upgrade.Accept accept
              ? new Upgrade.Accept(
                  accept.subprotocol(),
                  broken.between(Side.ACCEPTOR).to(accept.listener()),
                  accept.maxMessageBytes())
              : answer;
        });
    Wire wire = broken.wire(Side.ACCEPTOR);
    if (wire != null) {
      tap = broken.closeLater(wire.tap(adapter.address(), Side.ACCEPTOR));
    }
  }

  @Override
  public InetSocketAddress address() {
    RawServer listening = tap;
    return listening == null ? adapter.address() : listening.address();
  }

  @Override
  public Set<Feature> missing() {
    return adapter.missing();
  }

  @Override
  public void stopListening() {
    adapter.stopListening();
  }

  @Override
  public void close() {
    adapter.close();
  }
}
