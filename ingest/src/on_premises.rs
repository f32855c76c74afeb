//! What is taken for granted of networks on premises, which no input describes.

use model::AttachmentKind;

use crate::sink::Sink;

/// Notes it, when something leads to one (`on-premises-returns`).
pub(crate) fn assume(sink: &mut Sink) {
    let mut attachments = sink.draft.transit_gateway_attachments.iter();
    let is_reached = !sink.draft.virtual_private_gateways.is_empty()
        || attachments.any(|attachment| match attachment.kind {
            AttachmentKind::OnPremises { .. } => true,
            AttachmentKind::Vpc { .. }
            | AttachmentKind::Peering { .. }
            | AttachmentKind::Unmodelled(_) => false,
        });
    if is_reached {
        let text = "networks on premises answer, by the gateway that took the request, and have a \
                    route to every address that it serves";
        sink.assume("on-premises-returns", text);
    }
}
