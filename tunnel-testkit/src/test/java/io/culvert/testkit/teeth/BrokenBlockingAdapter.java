package io.culvert.testkit.teeth;

import io.culvert.testkit.BlockingWebSocketThreadsContract;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;

/** The contract of the blocking facade over a real adapter with a {@link Break}. */
class BrokenBlockingAdapter extends BlockingWebSocketThreadsContract implements Breakable {
  private Break broken;

  @Override
  public void setBroken(Break given) {
    broken = given;
  }

  @Override
  protected WebSocketDialer dialer() {
    return new BrokenDialer(broken, new JavaWebSocketDialer());
  }
}
