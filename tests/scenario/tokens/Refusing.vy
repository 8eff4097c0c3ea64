# pragma version ==0.4.3
# pragma evm-version paris
"""
@title A token that answers false instead of reverting, as long as it is told to
@notice For tests only.
"""

balanceOf: public(HashMap[address, uint256])
refusing: bool


@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount


@external
def refuse(refusing: bool):
    self.refusing = refusing


@external
def transfer(to: address, amount: uint256) -> bool:
    if self.refusing:
        return False
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
    return True
